package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/bits"
	"runtime"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/plonk"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/scs"
	"github.com/consensys/gnark/logger"
	"github.com/consensys/gnark/test/unsafekzg"
)

// transfers proves a batch `runs` times and shows one record a run. Solving the witness is part of gnark's Prove.
func transfers(arguments []string) error {
	var count, runs int
	parse("transfers", arguments, func(flags *flag.FlagSet) {
		flags.IntVar(&count, "count", 1, "transfers in the batch")
		flags.IntVar(&runs, "runs", 3, "proofs")
	})
	logger.Disable()
	field := ecc.BN254.ScalarField()
	system, err := frontend.Compile(field, scs.NewBuilder, &Batch{Transfers: make([]Transfer, count)})
	if err != nil {
		return err
	}
	canonical, lagrange, err := unsafekzg.NewSRS(system)
	if err != nil {
		return err
	}
	proving, verifying, err := plonk.Setup(system, canonical, lagrange)
	if err != nil {
		return err
	}
	assignment, err := newBatch(count)
	if err != nil {
		return err
	}
	for range runs {
		if err := proveOnce(system, proving, verifying, assignment); err != nil {
			return err
		}
	}
	return nil
}

// proveOnce proves, verifies and shows the record.
func proveOnce(system constraint.ConstraintSystem, proving plonk.ProvingKey, verifying plonk.VerifyingKey,
	assignment *Batch) error {
	full, err := frontend.NewWitness(assignment, ecc.BN254.ScalarField())
	if err != nil {
		return err
	}
	var proof plonk.Proof
	runtime.GC()
	cost, err := clock(func() (err error) { proof, err = plonk.Prove(system, proving, full); return err })
	if err != nil {
		return err
	}
	public, err := full.Public()
	if err != nil {
		return err
	}
	if err := plonk.Verify(proof, verifying, public); err != nil {
		return fmt.Errorf("the proof does not verify: %w", err)
	}
	var encoded bytes.Buffer
	if _, err := proof.WriteTo(&encoded); err != nil {
		return err
	}
	rows := system.GetNbConstraints() + system.GetNbPublicVariables()
	return show(map[string]any{
		"transfers": len(assignment.Transfers), "gates": rows, "rows": 1 << bits.Len(uint(rows-1)), "wall_s": cost.wall,
		"core_s": cost.core, "proof_bytes": encoded.Len(), "threads": runtime.GOMAXPROCS(0),
	})
}
