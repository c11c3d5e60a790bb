package main

import (
	"math/big"

	edwards "github.com/consensys/gnark-crypto/ecc/twistededwards"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/std/algebra/native/twistededwards"
	"github.com/consensys/gnark/std/hash/poseidon2"
	permutation "github.com/consensys/gnark/std/permutation/poseidon2"
	"github.com/consensys/gnark/std/rangecheck"
	"github.com/consensys/gnark/std/signature/eddsa"
)

// Depth is the number of levels of the binary account tree: 2^20 accounts.
const Depth = 20

// Widths in bits of what a leaf and a message pack into one field element. 32 + 32 + 32 + 64 < 253.
const (
	indexBits  = 32
	nonceBits  = 32
	amountBits = 64
)

// Account is a leaf of the tree before a transfer touches it. Its index is the position, so it is not repeated here.
type Account struct {
	Key            eddsa.PublicKey
	Nonce, Balance frontend.Variable
}

// Transfer moves Amount from the account at index From to the one at index To, signed by the sender's key.
//
// The receiver is read after the sender was written: a transfer to oneself needs no special case.
type Transfer struct {
	From, To, Amount         frontend.Variable
	Sender, Receiver         Account
	SenderPath, ReceiverPath [Depth]frontend.Variable
	Signature                eddsa.Signature
}

// Batch proves that its transfers, in order, lead from the root Before to the root After.
type Batch struct {
	Before, After frontend.Variable `gnark:",public"`
	Transfers     []Transfer
}

// gadgets is what a transfer is checked with.
type gadgets struct {
	api    frontend.API
	curve  twistededwards.Curve
	node   *permutation.Permutation
	ranges frontend.Rangechecker
}

// Define chains the roots.
func (batch *Batch) Define(api frontend.API) error {
	curve, err := twistededwards.NewEdCurve(api, edwards.BN254)
	if err != nil {
		return err
	}
	node, err := permutation.NewPoseidon2(api)
	if err != nil {
		return err
	}
	with := gadgets{api, curve, node, rangecheck.New(api)}
	root := batch.Before
	for i := range batch.Transfers {
		if root, err = with.apply(&batch.Transfers[i], root); err != nil {
			return err
		}
	}
	api.AssertIsEqual(root, batch.After)
	return nil
}

// apply constrains one transfer and returns the root after it.
func (with gadgets) apply(transfer *Transfer, root frontend.Variable) (frontend.Variable, error) {
	api := with.api
	sender, receiver := transfer.Sender, transfer.Receiver
	from, to := api.ToBinary(transfer.From, Depth), api.ToBinary(transfer.To, Depth)
	left := api.Sub(sender.Balance, transfer.Amount)
	for _, amount := range []frontend.Variable{transfer.Amount, sender.Balance, left, receiver.Balance} {
		with.ranges.Check(amount, amountBits)
	}
	next, total := api.Add(sender.Nonce, 1), api.Add(receiver.Balance, transfer.Amount)
	with.ranges.Check(total, amountBits)
	for _, nonce := range []frontend.Variable{sender.Nonce, next, receiver.Nonce} {
		with.ranges.Check(nonce, nonceBits)
	}
	if err := with.verify(transfer); err != nil {
		return nil, err
	}
	owner := with.node.Compress(sender.Key.A.X, sender.Key.A.Y)
	before := with.leaf(owner, transfer.From, sender.Nonce, sender.Balance)
	after := with.leaf(owner, transfer.From, next, left)
	root = with.move(root, from, transfer.SenderPath, before, after)
	owner = with.node.Compress(receiver.Key.A.X, receiver.Key.A.Y)
	before = with.leaf(owner, transfer.To, receiver.Nonce, receiver.Balance)
	after = with.leaf(owner, transfer.To, receiver.Nonce, total)
	return with.move(root, to, transfer.ReceiverPath, before, after), nil
}

// verify constrains the signature of (from, to, nonce, amount) under the key in the sender's leaf.
func (with gadgets) verify(transfer *Transfer) error {
	hasher, err := poseidon2.New(with.api)
	if err != nil {
		return err
	}
	with.curve.AssertIsOnCurve(transfer.Sender.Key.A)
	with.curve.AssertIsOnCurve(transfer.Signature.R)
	message := with.pack(transfer.From, transfer.To, transfer.Sender.Nonce, transfer.Amount)
	return eddsa.Verify(with.curve, transfer.Signature, message, transfer.Sender.Key, hasher)
}

// leaf binds owner, index, nonce and balance; every part was range-checked, so the packing is one-to-one.
func (with gadgets) leaf(owner, index, nonce, balance frontend.Variable) frontend.Variable {
	return with.node.Compress(owner, with.pack(index, 0, nonce, balance))
}

// pack returns a + 2^32 b + 2^64 nonce + 2^96 amount.
func (with gadgets) pack(a, b, nonce, amount frontend.Variable) frontend.Variable {
	shift := func(bits uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), bits) }
	return with.api.Add(a, with.api.Mul(b, shift(indexBits)), with.api.Mul(nonce, shift(2*indexBits)),
		with.api.Mul(amount, shift(2*indexBits+nonceBits)))
}

// move shows the old leaf under root and returns the root with the new one in its place, over the same siblings.
func (with gadgets) move(root frontend.Variable, bits []frontend.Variable, path [Depth]frontend.Variable,
	before, after frontend.Variable) frontend.Variable {
	for level, sibling := range path {
		before = with.parent(bits[level], before, sibling)
		after = with.parent(bits[level], after, sibling)
	}
	with.api.AssertIsEqual(before, root)
	return after
}

// parent hashes child and sibling in the order of the path bit: 1 puts the child on the right.
func (with gadgets) parent(bit, child, sibling frontend.Variable) frontend.Variable {
	left := with.api.Select(bit, sibling, child)
	right := with.api.Sub(with.api.Add(child, sibling), left)
	return with.node.Compress(left, right)
}
