package main

import (
	"flag"
	"runtime"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"
)

// enough is how long one figure is measured, in CPU seconds: short calls are repeated.
const enough = 0.5

// kernels shows the MSM in G1 with uniform scalars and the forward FFT over Fr, one record a run.
//
// The FFT is decimation in frequency: natural order in, bit-reversed out. The permutation back, which gnark's prover
// avoids, is not counted.
func kernels(arguments []string) error {
	var logarithm, threads, runs int
	parse("kernels", arguments, func(flags *flag.FlagSet) {
		flags.IntVar(&logarithm, "log", 15, "log2 of the size")
		flags.IntVar(&threads, "threads", 1, "threads")
		flags.IntVar(&runs, "runs", 5, "runs")
	})
	size := 1 << logarithm
	scalars := make([]fr.Element, size)
	for i := range scalars {
		scalars[i].MustSetRandom()
	}
	_, _, generator, _ := bn254.Generators()
	points := bn254.BatchScalarMultiplicationG1(&generator, scalars)
	for i := range scalars {
		scalars[i].MustSetRandom()
	}
	domain := fft.NewDomain(uint64(size))
	runtime.GOMAXPROCS(threads)
	multiply := func() error {
		var sum bn254.G1Affine
		_, err := sum.MultiExp(points, scalars, ecc.MultiExpConfig{NbTasks: threads})
		return err
	}
	transform := func() error {
		domain.FFT(scalars, fft.DIF, fft.WithNbTasks(threads))
		return nil
	}
	for range runs {
		for _, kernel := range []struct {
			name string
			call func() error
		}{{"msm", multiply}, {"fft", transform}} {
			if err := showKernel(kernel.name, logarithm, threads, kernel.call); err != nil {
				return err
			}
		}
	}
	return nil
}

// showKernel repeats a call until it took long enough, and shows the mean of this run.
func showKernel(name string, logarithm, threads int, call func() error) error {
	calls := 0
	runtime.GC()
	cost, err := clock(func() error {
		for began := processSeconds(); calls == 0 || processSeconds()-began < enough; calls++ {
			if err := call(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return show(map[string]any{"kernel": name, "log": logarithm, "threads": threads, "calls": calls,
		"wall_s": cost.wall / float64(calls), "core_s": cost.core / float64(calls)})
}
