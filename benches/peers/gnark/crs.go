package main

import (
	"bufio"
	"flag"
	"math/big"
	"os"
	"path/filepath"

	"github.com/consensys/gnark-crypto/ecc/bn254/kzg"
)

// crs writes bn254_g1.dat and bn254_g2.dat as barretenberg reads them: flat uncompressed points, big-endian.
//
// Tau is in this file, so every proof made on it can be forged. It serves for timing and for nothing else.
func crs(arguments []string) error {
	var points uint64
	var out string
	parse("crs", arguments, func(flags *flag.FlagSet) {
		flags.Uint64Var(&points, "points", 1<<15+1, "points of G1")
		flags.StringVar(&out, "out", ".", "folder to write to")
	})
	setup, err := kzg.NewSRS(points, big.NewInt(0x6c32726f6c6c7570))
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(out, "bn254_g1.dat"))
	if err != nil {
		return err
	}
	defer file.Close()
	buffer := bufio.NewWriter(file)
	for i := range setup.Pk.G1 {
		raw := setup.Pk.G1[i].RawBytes()
		if _, err := buffer.Write(raw[:]); err != nil {
			return err
		}
	}
	if err := buffer.Flush(); err != nil {
		return err
	}
	g2 := setup.Vk.G2[1].RawBytes()
	if err := os.WriteFile(filepath.Join(out, "bn254_g2.dat"), g2[:], 0o600); err != nil {
		return err
	}
	return show(map[string]any{"points": points, "setup": "unsafe known tau, for timing only"})
}
