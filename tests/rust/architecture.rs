//! The edges of the Rust code (docs/architecture.md), read from the sources: crates, modules of the engine, and what
//! is deliberately absent. A search that finds nothing fails too, so a moved folder cannot make these tests vacuous.
//!
//! What it is not: a parser. It reads paths that begin with `crate::`, outside comments, as this code imports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each module of the engine may see. The engine joins all but the circuit; nothing sees the engine.
const EDGES: &[(&str, &[&str])] = &[
    ("parameters", &[]),
    ("primitives", &["parameters"]),
    ("poseidon", &["primitives", "parameters"]),
    ("eddsa", &["primitives", "poseidon"]),
    ("state", &["parameters", "primitives", "poseidon"]),
    ("bridge", &["parameters", "primitives", "poseidon"]),
    ("processor", &["parameters", "primitives", "poseidon", "eddsa", "state", "bridge"]),
    ("batch", &["parameters", "primitives", "poseidon", "eddsa", "state", "bridge", "processor"]),
    ("da", &["parameters", "primitives", "poseidon", "state", "bridge", "processor", "batch"]),
    ("circuit", &["parameters", "primitives", "poseidon", "eddsa", "state", "bridge", "processor", "batch", "da"]),
    ("engine", &["parameters", "primitives", "poseidon", "eddsa", "state", "bridge", "processor", "batch", "da"]),
];

fn rust() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below a folder, but those of modules that exist only in tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let all = files(folder);
    let tests: Vec<PathBuf> = all.iter().flat_map(|path| test_modules(path)).collect();
    all.into_iter().filter(|path| !tests.iter().any(|t| path.with_extension("").starts_with(t))).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            out.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
    out
}

/// Paths, without extension, of the modules that a file declares as `#[cfg(test)] mod name;`.
fn test_modules(path: &Path) -> Vec<PathBuf> {
    let code = code(path).split_whitespace().collect::<Vec<_>>().join(" ");
    let root = path.file_name().is_some_and(|name| name == "mod.rs" || name == "lib.rs");
    let folder = if root { path.with_file_name("") } else { path.with_extension("") };
    let declared = code.split("#[cfg(test)] mod ").skip(1).filter_map(|rest| rest.split_once([';', '{']));
    declared.map(|(name, _)| folder.join(name.trim())).collect()
}

/// A file without its line comments, doc comments included, and without the body of a test module at its end.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The identifiers that follow `prefix`; `prefix{a, b::c}` names a and b.
fn names_after(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        let identifier = |s: &str| s.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (i, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && !c.is_whitespace() => {
                            out.insert(identifier(&list[i..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => {
                out.insert(identifier(rest));
            }
        }
    }
    out.remove("");
    out
}

/// Module -> modules it names, in rust/core.
fn core_edges() -> BTreeMap<String, BTreeSet<String>> {
    let root = rust().join("core/src");
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in sources(&root) {
        let relative = path.strip_prefix(&root).expect("below the root");
        let module = relative.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        out.entry(module.clone())
            .or_default()
            .extend(names_after(&code(&path), "crate::").into_iter().filter(|m| *m != module));
    }
    out.remove("lib");
    out
}

#[test]
fn names_are_found_in_every_form() {
    let code = "use crate::a::B; use crate::{c::{d, e}, f}; x(crate::g::h); my_crate::no; $crate::i";
    let found: Vec<String> = names_after(code, "crate::").into_iter().collect();
    assert_eq!(found, ["a", "c", "f", "g", "i"]);
}

#[test]
fn modules_of_the_engine_see_only_what_they_may() {
    let edges = core_edges();
    let known: BTreeSet<&str> = EDGES.iter().map(|(module, _)| *module).collect();
    let present: BTreeSet<&str> = edges.keys().map(String::as_str).collect();
    assert_eq!(present, known, "a module without a rule, or a rule without a module");
    assert!(edges.values().map(BTreeSet::len).sum::<usize>() > 25, "too few edges found to mean anything: {edges:?}");
    for (module, allowed) in EDGES {
        for seen in &edges[*module] {
            assert!(!known.contains(seen.as_str()) || allowed.contains(&seen.as_str()), "{module} must not see {seen}");
        }
    }
    for (module, needed) in [("processor", "state"), ("batch", "processor"), ("da", "batch"), ("circuit", "batch")] {
        assert!(edges[module].contains(needed), "the search missed {module} -> {needed}");
    }
}

#[test]
fn only_the_circuit_sees_the_proof_system() {
    let root = rust().join("core/src");
    let mut seen = BTreeSet::new();
    for path in sources(&root) {
        let code = code(&path);
        // The lanes of the field are arithmetic; the hash functions run on them and know nothing else of the crate.
        let code = if path.starts_with(root.join("poseidon")) { code.replace("plonk::field::", "") } else { code };
        if code.contains("plonk::") {
            seen.insert(
                path.strip_prefix(&root).expect("below the root").components().next().map(|c| c.as_os_str().to_owned()),
            );
        }
    }
    assert_eq!(seen, BTreeSet::from([Some("circuit".into())]));
}

/// Names under `[dependencies]` of a manifest.
fn dependencies(krate: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(rust().join(krate).join("Cargo.toml")).expect("a manifest");
    let section = text.split("\n[dependencies]\n").nth(1).expect("dependencies").split("\n[").next().unwrap_or("");
    let name = |line: &str| line.split(['.', '=', ' ']).next().unwrap_or("").to_owned();
    section.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(name).collect()
}

#[test]
fn crates_see_only_what_they_may() {
    let ours = |krate: &str| -> BTreeSet<String> {
        dependencies(krate).into_iter().filter(|d| d == "plonk" || d.starts_with("l2rollup")).collect()
    };
    assert_eq!(ours("plonk"), BTreeSet::new());
    assert_eq!(ours("core"), BTreeSet::from(["plonk".to_owned()]));
    assert_eq!(ours("py"), BTreeSet::from(["plonk".to_owned(), "l2rollup-core".to_owned()]));
    assert!(dependencies("py").contains("pyo3"));
    for krate in ["plonk", "core"] {
        assert!(!dependencies(krate).contains("pyo3"), "{krate} must not name pyo3");
    }
    let crates =
        fs::read_dir(rust()).expect("rust").filter_map(Result::ok).filter(|e| e.path().join("Cargo.toml").exists());
    assert_eq!(crates.count(), 3, "a crate without a rule");
}

#[test]
fn the_engine_and_the_proof_system_touch_no_world() {
    let forbidden = [
        "std::fs",
        "std::net",
        "std::env",
        "std::time",
        "std::process",
        "SystemTime",
        "Instant",
        "println!",
        "thread_rng",
    ];
    let mut read = 0;
    for krate in ["core", "plonk"] {
        for path in sources(&rust().join(krate).join("src")) {
            let code = code(&path);
            read += 1;
            for word in forbidden {
                // The switches of lanes and of the GPU are the only variables read: they change speed, never a result.
                let switches = ["plonk/src/field/mod.rs", "plonk/src/cuda/driver.rs", "plonk/src/prover/switch.rs"];
                let switch = word == "std::env" && switches.iter().any(|s| path.ends_with(s));
                assert!(switch || !code.contains(word), "{} uses {word}", path.display());
            }
        }
    }
    assert!(read > 80, "only {read} files found");
}

#[test]
fn the_proof_system_has_never_heard_of_a_rollup() {
    for path in sources(&rust().join("plonk/src")) {
        // Rust's FnOnce is no nonce.
        let code = code(&path).replace("FnOnce", "Fn").to_lowercase();
        for word in ["account", "deposit", "withdraw", "nonce", "balance", "sequencer", "token"] {
            assert!(!code.contains(word), "{} speaks of {word}", path.display());
        }
    }
}
