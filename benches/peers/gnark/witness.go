package main

import (
	"crypto/rand"
	"math/big"
	mathrand "math/rand/v2"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/poseidon2"
	"github.com/consensys/gnark-crypto/ecc/bn254/twistededwards/eddsa"
	edwards "github.com/consensys/gnark-crypto/ecc/twistededwards"
)

// account is a funded account of the native tree.
type account struct {
	key            *eddsa.PrivateKey
	index          uint64
	nonce, balance uint64
}

// tree is a sparse binary tree: nodes[level][position], level 0 the leaves; absent nodes are the empty subtree's root.
type tree struct {
	hash  *poseidon2.Permutation
	nodes [Depth + 1]map[uint64]fr.Element
	empty [Depth + 1]fr.Element
}

func newTree() *tree {
	made := &tree{hash: poseidon2.NewDefaultPermutation()}
	for level := range made.nodes {
		made.nodes[level] = map[uint64]fr.Element{}
		if level > 0 {
			made.empty[level] = made.compress(made.empty[level-1], made.empty[level-1])
		}
	}
	return made
}

// compress is the native twin of the circuit's node hash.
func (tree *tree) compress(left, right fr.Element) fr.Element {
	l, r := left.Bytes(), right.Bytes()
	out, err := tree.hash.Compress(l[:], r[:])
	if err != nil {
		panic(err) // both inputs are canonical
	}
	var parent fr.Element
	parent.SetBytes(out)
	return parent
}

func (tree *tree) at(level int, position uint64) fr.Element {
	if node, ok := tree.nodes[level][position]; ok {
		return node
	}
	return tree.empty[level]
}

func (tree *tree) root() fr.Element { return tree.at(Depth, 0) }

// set writes an account's leaf and the nodes above it.
func (tree *tree) set(of *account) {
	leaf := tree.compress(tree.compress(of.key.PublicKey.A.X, of.key.PublicKey.A.Y),
		pack(of.index, 0, of.nonce, of.balance))
	tree.nodes[0][of.index] = leaf
	for level, position := 0, of.index; level < Depth; level++ {
		position >>= 1
		tree.nodes[level+1][position] = tree.compress(tree.at(level, 2*position), tree.at(level, 2*position+1))
	}
}

// path returns the siblings from the leaf upwards.
func (tree *tree) path(index uint64) (out [Depth]fr.Element) {
	for level := range out {
		out[level] = tree.at(level, index>>level^1)
	}
	return out
}

// pack is the native twin of the circuit's packing.
func pack(a, b, nonce, amount uint64) (out fr.Element) {
	sum := new(big.Int).SetUint64(amount)
	for _, part := range []struct {
		bits  uint
		value uint64
	}{{nonceBits, nonce}, {indexBits, b}, {indexBits, a}} {
		sum.Lsh(sum, part.bits).Add(sum, new(big.Int).SetUint64(part.value))
	}
	out.SetBigInt(sum)
	return out
}

// newAccounts returns funded accounts at distinct random indices below 2^Depth.
func newAccounts(count int) ([]*account, error) {
	accounts, used := make([]*account, count), map[uint64]bool{}
	for i := range accounts {
		key, err := eddsa.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		index := mathrand.Uint64N(1 << Depth)
		for used[index] {
			index = mathrand.Uint64N(1 << Depth)
		}
		used[index] = true
		accounts[i] = &account{key, index, mathrand.Uint64N(1000), 1 << 40}
	}
	return accounts, nil
}

// newBatch signs `count` transfers between 2*count distinct random accounts.
func newBatch(count int) (*Batch, error) {
	accounts, err := newAccounts(2 * count)
	if err != nil {
		return nil, err
	}
	state := newTree()
	for _, of := range accounts {
		state.set(of)
	}
	batch := &Batch{Before: state.root(), Transfers: make([]Transfer, count)}
	for i := range batch.Transfers {
		amount := 1 + mathrand.Uint64N(1<<32)
		if err := batch.Transfers[i].fill(state, accounts[2*i], accounts[2*i+1], amount); err != nil {
			return nil, err
		}
	}
	batch.After = state.root()
	return batch, nil
}

// fill signs and executes a transfer, and writes its witness.
func (transfer *Transfer) fill(state *tree, sender, receiver *account, amount uint64) error {
	message := pack(sender.index, receiver.index, sender.nonce, amount)
	bytes := message.Bytes()
	signature, err := sender.key.Sign(bytes[:], poseidon2.NewMerkleDamgardHasher())
	if err != nil {
		return err
	}
	transfer.Signature.Assign(edwards.BN254, signature)
	transfer.From, transfer.To, transfer.Amount = sender.index, receiver.index, amount
	transfer.Sender.fill(sender)
	for level, sibling := range state.path(sender.index) {
		transfer.SenderPath[level] = sibling
	}
	sender.nonce, sender.balance = sender.nonce+1, sender.balance-amount
	state.set(sender)
	transfer.Receiver.fill(receiver)
	for level, sibling := range state.path(receiver.index) {
		transfer.ReceiverPath[level] = sibling
	}
	receiver.balance += amount
	state.set(receiver)
	return nil
}

func (leaf *Account) fill(from *account) {
	leaf.Key.Assign(edwards.BN254, from.key.PublicKey.Bytes())
	leaf.Nonce, leaf.Balance = from.nonce, from.balance
}
