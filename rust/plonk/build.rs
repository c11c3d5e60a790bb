//! Compiles the CUDA kernels to PTX for the feature `cuda`; does nothing without it.
//!
//! nvcc is the program that L2ROLLUP_NVCC names, else that of the Python wheels `nvidia-cuda-nvcc` in a virtual environment
//! (VIRTUAL_ENV, or .venv at the root), else the one on PATH. PTX of `sm_80` is for every GPU since; a driver reads the PTX of
//! an nvcc that is not newer than itself (13.0 by the lock: drivers from 580 on).

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const KERNELS: [&str; 4] = ["transform", "poseidon2", "msm", "identities"];
const HEADERS: [&str; 2] = ["field.cuh", "curve.cuh"];
const ARCHITECTURE: &str = "compute_80";

/// nvcc of the wheels below a virtual environment: `lib/python3.X/site-packages/nvidia/cu13/bin/nvcc`.
fn in_environment(environment: &Path) -> Option<PathBuf> {
    let pythons = environment.join("lib").read_dir().ok()?;
    pythons.filter_map(Result::ok).map(|p| p.path().join("site-packages/nvidia/cu13/bin/nvcc")).find(|p| p.is_file())
}

fn find_nvcc(root: &Path) -> Option<PathBuf> {
    if let Some(named) = env::var_os("L2ROLLUP_NVCC") {
        return Some(named.into());
    }
    let environments = [env::var_os("VIRTUAL_ENV").map(PathBuf::from), Some(root.join(".venv"))];
    let wheel = environments.into_iter().flatten().find_map(|e| in_environment(&e));
    let path = env::var_os("PATH").unwrap_or_default();
    wheel.or_else(|| env::split_paths(&path).map(|folder| folder.join("nvcc")).find(|p| p.is_file()))
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_CUDA").is_none() {
        return;
    }
    for variable in ["L2ROLLUP_NVCC", "VIRTUAL_ENV"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    let folder = |name: &str| PathBuf::from(env::var_os(name).unwrap_or_else(|| panic!("cargo sets {name}")));
    let (manifest, out) = (folder("CARGO_MANIFEST_DIR"), folder("OUT_DIR"));
    let nvcc = find_nvcc(&manifest.join("../..")).unwrap_or_else(|| {
        panic!(
            "feature cuda: expected nvcc, got none: name it in L2ROLLUP_NVCC, put it on PATH, or install the wheels \
             nvidia-cuda-nvcc, nvidia-nvvm, nvidia-cuda-crt, nvidia-cuda-runtime and nvidia-cuda-cccl in .venv"
        )
    });
    HEADERS.iter().for_each(|name| println!("cargo:rerun-if-changed=cuda/{name}"));
    for name in KERNELS {
        println!("cargo:rerun-if-changed=cuda/{name}.cu");
        let mut command = Command::new(&nvcc);
        command.arg("-ptx").arg(format!("-arch={ARCHITECTURE}")).arg("-O3");
        command.arg(manifest.join(format!("cuda/{name}.cu"))).arg("-o").arg(out.join(format!("{name}.ptx")));
        match command.status() {
            Ok(status) if status.success() => {}
            Ok(status) => panic!("feature cuda: expected {} to compile {name}.cu, got {status}", nvcc.display()),
            Err(error) => panic!("feature cuda: expected to run {}, got {error}", nvcc.display()),
        }
    }
}
