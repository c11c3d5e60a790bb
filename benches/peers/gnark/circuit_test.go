package main

import (
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/logger"
	"github.com/consensys/gnark/test"
)

// solves says whether a batch satisfies the circuit.
func solves(batch *Batch) error {
	logger.Disable()
	circuit := &Batch{Transfers: make([]Transfer, len(batch.Transfers))}
	return test.IsSolved(circuit, batch, ecc.BN254.ScalarField())
}

func honest(t *testing.T, count int) *Batch {
	t.Helper()
	batch, err := newBatch(count)
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

func TestHonestBatchSolves(t *testing.T) {
	if err := solves(honest(t, 2)); err != nil {
		t.Fatal(err)
	}
}

// TestEveryFactIsBound changes one fact of an honest batch at a time.
func TestEveryFactIsBound(t *testing.T) {
	plus := func(v frontend.Variable) frontend.Variable { return v.(uint64) + 1 }
	for name, change := range map[string]func(*Batch){
		"root before":       func(b *Batch) { b.Before = 1 },
		"root after":        func(b *Batch) { b.After = 1 },
		"sender index":      func(b *Batch) { b.Transfers[0].From = plus(b.Transfers[0].From) },
		"receiver index":    func(b *Batch) { b.Transfers[0].To = plus(b.Transfers[0].To) },
		"amount":            func(b *Batch) { b.Transfers[0].Amount = plus(b.Transfers[0].Amount) },
		"sender balance":    func(b *Batch) { b.Transfers[0].Sender.Balance = plus(b.Transfers[0].Sender.Balance) },
		"receiver balance":  func(b *Batch) { b.Transfers[0].Receiver.Balance = plus(b.Transfers[0].Receiver.Balance) },
		"sender nonce":      func(b *Batch) { b.Transfers[0].Sender.Nonce = plus(b.Transfers[0].Sender.Nonce) },
		"receiver nonce":    func(b *Batch) { b.Transfers[0].Receiver.Nonce = plus(b.Transfers[0].Receiver.Nonce) },
		"sender key":        func(b *Batch) { b.Transfers[0].Sender.Key = b.Transfers[0].Receiver.Key },
		"receiver key":      func(b *Batch) { b.Transfers[0].Receiver.Key = b.Transfers[0].Sender.Key },
		"sender sibling":    func(b *Batch) { b.Transfers[0].SenderPath[3] = 1 },
		"receiver sibling":  func(b *Batch) { b.Transfers[0].ReceiverPath[19] = 1 },
		"signature S":       func(b *Batch) { b.Transfers[0].Signature.S = b.Transfers[1].Signature.S },
		"signature R":       func(b *Batch) { b.Transfers[0].Signature.R = b.Transfers[1].Signature.R },
		"order of the two":  func(b *Batch) { b.Transfers[0], b.Transfers[1] = b.Transfers[1], b.Transfers[0] },
		"one of them twice": func(b *Batch) { b.Transfers[1] = b.Transfers[0] },
	} {
		t.Run(name, func(t *testing.T) {
			batch := honest(t, 2)
			change(batch)
			if solves(batch) == nil {
				t.Fatal("the changed batch solves")
			}
		})
	}
}

// transferOf signs one transfer between fresh accounts of the given balances.
func transferOf(t *testing.T, sent, senderBalance, receiverBalance uint64, toSelf bool) *Batch {
	t.Helper()
	keys, err := newAccounts(2)
	if err != nil {
		t.Fatal(err)
	}
	keys[0].balance, keys[1].balance = senderBalance, receiverBalance
	if toSelf {
		keys[1] = keys[0]
	}
	state := newTree()
	state.set(keys[0])
	state.set(keys[1])
	batch := &Batch{Before: state.root(), Transfers: make([]Transfer, 1)}
	if err := batch.Transfers[0].fill(state, keys[0], keys[1], sent); err != nil {
		t.Fatal(err)
	}
	batch.After = state.root()
	return batch
}

func TestOverspendingIsRefused(t *testing.T) {
	if solves(transferOf(t, 6, 5, 0, false)) == nil {
		t.Fatal("a balance below zero solves")
	}
	if err := solves(transferOf(t, 5, 5, 0, false)); err != nil {
		t.Fatal(err)
	}
}

func TestOverflowIsRefused(t *testing.T) {
	if solves(transferOf(t, 1, 5, 1<<64-1, false)) == nil {
		t.Fatal("a balance of 2^64 solves")
	}
}

func TestTransferToOneself(t *testing.T) {
	if err := solves(transferOf(t, 3, 5, 0, true)); err != nil {
		t.Fatal(err)
	}
}
