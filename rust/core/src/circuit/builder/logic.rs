//! Booleans, selection and tests for zero.
//!
//! What this is not: a proof that an argument is boolean; `boolean` and `assert_boolean` are.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::{Builder, Var};

impl Builder {
    /// A new boolean.
    pub fn boolean(&mut self, value: bool) -> Var {
        let var = self.witness(Fr::from(u64::from(value)));
        self.assert_boolean(var);
        var
    }

    /// Asserts x (x - 1) = 0.
    pub fn assert_boolean(&mut self, x: Var) {
        self.assert_quadratic(Fr::ONE, x, x, &[(-Fr::ONE, x)], Fr::ZERO);
    }

    /// a and c, for booleans.
    pub fn and(&mut self, a: Var, c: Var) -> Var {
        self.mul(a, c)
    }

    /// a or c, for booleans: a + c - a c.
    pub fn or(&mut self, a: Var, c: Var) -> Var {
        let (x, y) = (self.value(a), self.value(c));
        let out = self.witness(x + y - x * y);
        self.assert_quadratic(-Fr::ONE, a, c, &[(Fr::ONE, a), (Fr::ONE, c), (-Fr::ONE, out)], Fr::ZERO);
        out
    }

    /// 1 - a, for a boolean.
    pub fn not(&mut self, a: Var) -> Var {
        self.linear(&[(-Fr::ONE, a)], Fr::ONE)
    }

    /// a where the boolean flag is 1, else c.
    pub fn select(&mut self, flag: Var, a: Var, c: Var) -> Var {
        let difference = self.sub(a, c);
        let out = self.witness(self.value(flag) * self.value(difference) + self.value(c));
        self.assert_quadratic(Fr::ONE, flag, difference, &[(Fr::ONE, c), (-Fr::ONE, out)], Fr::ZERO);
        out
    }

    /// A boolean: 1 exactly if x = 0.
    pub fn is_zero(&mut self, x: Var) -> Var {
        let value = self.value(x);
        let inverse = self.hint(value.inverse().unwrap_or_default());
        let flag = self.witness(Fr::from(u64::from(value == Fr::ZERO)));
        // x inverse = 1 - flag and x flag = 0: the first makes the flag 1 where x = 0, the second makes it 0 elsewhere
        self.assert_quadratic(Fr::ONE, x, inverse, &[(Fr::ONE, flag)], -Fr::ONE);
        self.assert_quadratic(Fr::ONE, x, flag, &[], Fr::ZERO);
        flag
    }

    /// Asserts that x has an inverse.
    pub fn assert_nonzero(&mut self, x: Var) {
        let inverse = self.witness(self.value(x).inverse().unwrap_or_default());
        self.assert_quadratic(Fr::ONE, x, inverse, &[], -Fr::ONE);
    }

    /// Asserts a = c where the flag is not 0.
    pub fn assert_equal_when(&mut self, flag: Var, a: Var, c: Var) {
        let difference = self.sub(a, c);
        self.assert_quadratic(Fr::ONE, flag, difference, &[], Fr::ZERO);
    }
}
