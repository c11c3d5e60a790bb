// Command peer measures gnark PLONK on BN254 and the kernels of gnark-crypto, one JSON record a line on stdout.
//
//	peer transfers -count 1 -runs 3      proves a batch of transfers (circuit.go)
//	peer kernels -log 15 -threads 1      multiplies and transforms 2^log random elements (kernels.go)
//	peer crs -points 262145 -out DIR     writes a setup of known tau for the other peer (crs.go)
//
// What it is not: part of the product. It is a peer to be measured beside it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

func main() {
	commands := map[string]func([]string) error{"transfers": transfers, "kernels": kernels, "crs": crs}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "expected transfers, kernels or crs")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// parse reads the flags of a command; a wrong one ends the process with status 2.
func parse(name string, arguments []string, define func(*flag.FlagSet)) {
	flags := flag.NewFlagSet(name, flag.ExitOnError)
	define(flags)
	_ = flags.Parse(arguments)
}

// show prints a record.
func show(record map[string]any) error {
	return json.NewEncoder(os.Stdout).Encode(record)
}
