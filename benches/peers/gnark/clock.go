package main

import (
	"syscall"
	"time"
)

// timing is what a call cost: wall seconds, and CPU seconds of all threads of the process.
type timing struct {
	wall, core float64
}

// clock times a call by getrusage. The garbage collector's work during the call counts, as it does for a user.
func clock(call func() error) (timing, error) {
	began, core := time.Now(), processSeconds()
	err := call()
	return timing{time.Since(began).Seconds(), processSeconds() - core}, err
}

func processSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // cannot fail for RUSAGE_SELF
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(usage.Utime) + seconds(usage.Stime)
}
