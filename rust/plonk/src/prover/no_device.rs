//! Stands in for `device.rs` in a build without the feature `cuda`: there is never a device. Twin of it, name for name.

use std::convert::Infallible;

use ark_bn254::{Fr, G1Projective};

use super::{switch, Session};
use crate::arithmetization::expr::Leaf;
use crate::error::CudaError;
use crate::keys::ProvingKey;

/// A device that no build without the feature has.
pub(super) struct ProverDevice(Infallible);

impl ProverDevice {
    pub(super) fn start(_: &ProvingKey) -> Option<Result<Self, CudaError>> {
        switch::wants_device().then(|| Err(CudaError::NoDevice("built without the feature cuda".into())))
    }
    pub(super) fn name(&self) -> &str {
        match self.0 {}
    }
    pub(super) fn commit_values(
        &mut self,
        _: &[Leaf],
        _: &[&[Fr]],
    ) -> Result<(Vec<G1Projective>, Vec<Vec<Fr>>), CudaError> {
        match self.0 {}
    }
    pub(super) fn commit_coefficients(&self, _: &[&[Fr]]) -> Result<Vec<G1Projective>, CudaError> {
        match self.0 {}
    }
    pub(super) fn coset_quotients(
        &self,
        _: &Session<'_>,
        _: &[(Leaf, Vec<Fr>)],
        _: Fr,
        _: &[(Fr, Fr)],
    ) -> Result<Vec<Vec<Fr>>, CudaError> {
        match self.0 {}
    }
}
