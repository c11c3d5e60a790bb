//! Setups from files: of any format, checked, converted to the local form, with Lagrange bases kept beside it.
//!
//! What it is not: a choice of trust. Names follow from tau h; whether an unrecognised one will do is for Python to say.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use plonk::srs::{arkworks, ceremony, compressed, eigenda, ignition, local, ptau};
use plonk::{G1Affine, PlonkError, Srs};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::detach::{interruptible, Caller};
use crate::errors::Failure;

/// Name, number of G1 powers, Keccak digest, format.
type Checked<'py> = (String, usize, Bound<'py, PyBytes>, &'static str);

/// A failure that has to do with a file.
fn file_error(file: &Path, expected: &'static str, error: impl ToString) -> Failure {
    Failure::File(format!("the setup {}", file.display()), expected, error.to_string())
}

fn open(file: &Path) -> Result<BufReader<File>, Failure> {
    let opened = File::open(file).and_then(|opened| match opened.metadata()?.is_file() {
        true => Ok(opened),
        false => Err(std::io::Error::other("no file")),
    });
    Ok(BufReader::with_capacity(1 << 20, opened.map_err(|error| file_error(file, "a readable file", error))?))
}

/// The format that a file's first bytes show, else its name.
fn detect(file: &Path) -> Result<&'static str, Failure> {
    let mut first = [0u8; 8];
    let read = open(file)?.read(&mut first).map_err(|error| file_error(file, "a readable file", error))?;
    let magic = &first[..read];
    let known = [(&b"ptau"[..], "ptau"), (compressed::MAGIC, "compressed"), (local::SETUP_MAGIC, "local")];
    if let Some((_, format)) = known.iter().find(|(start, _)| magic.starts_with(start)) {
        return Ok(format);
    }
    Ok(match file.extension().and_then(|ending| ending.to_str()) {
        Some("dat") => "ignition",
        Some("point") => "eigenda",
        _ => "arkworks",
    })
}

/// The format's own name, so that records hold no other.
fn format_of(name: &str, files: &[PathBuf]) -> Result<&'static str, Failure> {
    const KNOWN: [&str; 6] = ["ptau", "ignition", "eigenda", "arkworks", "compressed", "local"];
    match files.first() {
        None => Err(Failure::File("no setup is named".into(), "a file", "none".into())),
        Some(first) if name == "auto" => detect(first),
        Some(_) => KNOWN.into_iter().find(|known| *known == name).ok_or_else(|| {
            let expected = "auto, ptau, ignition, eigenda, arkworks, compressed or local";
            Failure::File("format of a setup".into(), expected, name.to_owned())
        }),
    }
}

/// Reads files of one setup with every check. Ignition takes all its transcripts, EigenDA g1 and perhaps g2, others one file.
fn read(files: &[PathBuf], format: &str, limit: Option<usize>, caller: &Caller) -> Result<Srs, Failure> {
    let most = match format {
        "ignition" => usize::MAX,
        "eigenda" => 2,
        _ => 1,
    };
    if files.len() > most {
        return Err(Failure::File(format!("files of format {format}"), "fewer", files.len().to_string()));
    }
    let report = |step: &str, part: f64| {
        caller.report(step, part);
        if caller.cancel.load(Ordering::Relaxed) { Err(PlonkError::Cancelled) } else { Ok(()) }
    };
    let mut opened = files.iter().map(|file| open(file)).collect::<Result<Vec<_>, _>>()?;
    let (first, rest) = opened.split_first_mut().ok_or_else(|| Failure::internal("setup", "no file"))?;
    Ok(match format {
        "ptau" => ptau::read(first, limit, &report)?,
        "ignition" => ignition::read(&mut opened, limit, &report)?,
        "eigenda" => eigenda::read(first, rest.first_mut(), limit, &report)?,
        "compressed" => compressed::read(first, limit, &report)?,
        "local" => Srs::read_local(first, limit, &report)?,
        _ => arkworks::read(first, limit, &report)?,
    })
}

/// Writes beside and renames, so that no reader ever sees half a file.
fn store(file: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<(), PlonkError>) -> Result<(), Failure> {
    let part = file.with_extension(format!("{}.part", std::process::id()));
    let attempt = || -> Result<(), Failure> {
        let unwritable = |error| file_error(file, "a folder that can be written", error);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(unwritable)?;
        }
        let mut out = BufWriter::new(File::create(&part).map_err(unwritable)?);
        write(&mut out)?;
        out.flush().and_then(|()| out.get_ref().sync_all()).map_err(unwritable)?;
        std::fs::rename(&part, file).map_err(unwritable)
    };
    attempt().inspect_err(|_| _ = std::fs::remove_file(&part))
}

/// The file of the Lagrange basis of 2^log_n points beside a setup.
fn lagrange_file(setup: &Path, log_n: u32) -> PathBuf {
    let mut name = setup.as_os_str().to_owned();
    name.push(format!(".lagrange-{log_n}"));
    PathBuf::from(name)
}

/// The setup of a file of any format: its first n powers where the format allows to stop there.
pub fn read_file(file: &Path, n: usize, caller: &Caller) -> Result<Srs, Failure> {
    read(&[file.to_path_buf()], detect(file)?, Some(n), caller)
}

/// The Lagrange basis of size n of a setup that came from a file: from the file beside it when that passes its check,
/// else made now and kept there (without a place to keep it, only made).
pub fn lagrange_beside(file: &Path, srs: &Srs, n: usize, caller: &Caller) -> Result<Vec<G1Affine>, Failure> {
    let beside = lagrange_file(file, n.trailing_zeros());
    if let Ok(mut source) = open(&beside) {
        match srs.read_lagrange(&mut source, n, &plonk::srs::silent) {
            Ok(basis) => return Ok(basis),
            Err(error) => caller.report(&format!("the cached Lagrange basis is refused ({error}) and made again"), 0.3),
        }
    }
    caller.report("making the Lagrange basis", 0.3);
    let basis = srs.lagrange(n)?;
    if let Err(Failure::File(what, _, why)) = store(&beside, |out| srs.write_lagrange(&basis, out)) {
        caller.report(&format!("the Lagrange basis is not kept ({what}: {why})"), 0.8);
    }
    Ok(basis)
}

fn checked<'py>(py: Python<'py>, srs: &Srs, format: &'static str) -> PyResult<Checked<'py>> {
    let digest = srs.digest().map_err(|error| Failure::from(error).raise(py))?;
    Ok((srs.name.clone(), srs.powers.len(), PyBytes::new(py, &digest), format))
}

/// Reads a setup of any format with every check; returns name, number of powers, digest, format. Raises
/// ConfigurationError naming the property that fails.
#[pyfunction]
#[pyo3(signature = (files, format = "auto", powers = None, progress = None))]
pub fn srs_check<'py>(
    py: Python<'py>,
    files: Vec<PathBuf>,
    format: &str,
    powers: Option<usize>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Checked<'py>> {
    let name = format.to_owned();
    let (srs, format) = interruptible(py, progress, move |caller| {
        let format = format_of(&name, &files)?;
        Ok((read(&files, format, powers, caller)?, format))
    })?;
    checked(py, &srs, format)
}

/// As `srs_check`, and writes the local form to `output`. With `recognised`, only that of a known ceremony.
#[pyfunction]
#[pyo3(signature = (files, output, format = "auto", powers = None, recognised = true, progress = None))]
pub fn srs_import<'py>(
    py: Python<'py>,
    files: Vec<PathBuf>,
    output: PathBuf,
    format: &str,
    powers: Option<usize>,
    recognised: bool,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Checked<'py>> {
    let name = format.to_owned();
    let (srs, format) = interruptible(py, progress, move |caller| {
        let format = format_of(&name, &files)?;
        let srs = read(&files, format, powers, caller)?;
        if recognised && srs.is_unsafe() {
            let expected = "a known one (aztec-ignition, hermez-powers-of-tau, eigenda-mainnet)";
            return Err(Failure::File("ceremony of the setup".into(), expected, srs.name));
        }
        caller.report("writing", 1.0);
        store(&output, |out| srs.write_local(out))?;
        Ok((srs, format))
    })?;
    checked(py, &srs, format)
}

/// Makes a setup whose tau is known, for the dev profile, and writes its local form; its name begins with "unsafe-".
#[pyfunction]
#[pyo3(signature = (output, powers, tau = 7, progress = None))]
pub fn srs_dev<'py>(
    py: Python<'py>,
    output: PathBuf,
    powers: usize,
    tau: u64,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Checked<'py>> {
    let srs = interruptible(py, progress, move |caller| {
        if !(2..=1 << 24).contains(&powers) || tau < 2 {
            let got = format!("{powers} of tau {tau}");
            return Err(Failure::File("an unsafe setup".into(), "2 to 2^24 powers of a tau of 2 or more", got));
        }
        caller.report("making powers", 0.0);
        let mut srs = Srs::unsafe_dev(tau.into(), powers);
        srs.name = ceremony::name_of(&srs.beta_h);
        caller.report("writing", 0.9);
        store(&output, |out| srs.write_local(out))?;
        Ok(srs)
    })?;
    checked(py, &srs, "local")
}

/// Keeps the Lagrange basis of 2^log_rows points beside a setup in local form; returns its file. Raises
/// ConfigurationError.
#[pyfunction]
#[pyo3(signature = (file, log_rows, progress = None))]
pub fn srs_lagrange(
    py: Python<'_>,
    file: PathBuf,
    log_rows: u32,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PathBuf> {
    interruptible(py, progress, move |caller| {
        if !(1..=28).contains(&log_rows) {
            return Err(Failure::File("log of the rows".into(), "1 to 28", log_rows.to_string()));
        }
        let srs = read_file(&file, 1 << log_rows, caller)?;
        lagrange_beside(&file, &srs, 1 << log_rows, caller)?;
        Ok(lagrange_file(&file, log_rows))
    })
}

/// Power of a .ptau file and of its ceremony, read from its header. Raises ConfigurationError.
#[pyfunction]
pub fn srs_ptau_header(py: Python<'_>, file: PathBuf) -> PyResult<(u32, u32)> {
    let found = py.detach(|| Ok(ptau::read_header(&mut open(&file)?)?));
    let header = found.map_err(|failure: Failure| failure.raise(py))?;
    Ok((header.power, header.ceremony_power))
}

/// Name and number of powers that a setup in local form states, unchecked. Raises ConfigurationError.
#[pyfunction]
pub fn srs_info(py: Python<'_>, file: PathBuf) -> PyResult<(String, usize)> {
    let found = py.detach(|| Ok(local::read_info(&mut open(&file)?)?));
    found.map_err(|failure: Failure| failure.raise(py))
}

/// (power, blake2b-512 in hex) of the published files powersOfTau28_hez_final_*.ptau.
#[pyfunction]
pub fn srs_published() -> Vec<(u32, &'static str)> {
    ptau::PUBLISHED.to_vec()
}

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(srs_check, module)?)?;
    module.add_function(wrap_pyfunction!(srs_import, module)?)?;
    module.add_function(wrap_pyfunction!(srs_dev, module)?)?;
    module.add_function(wrap_pyfunction!(srs_info, module)?)?;
    module.add_function(wrap_pyfunction!(srs_lagrange, module)?)?;
    module.add_function(wrap_pyfunction!(srs_ptau_header, module)?)?;
    module.add_function(wrap_pyfunction!(srs_published, module)?)
}
