//! Turns an arkworks-uncompressed setup into the compressed form that ships: `compress_srs IN OUT`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    if args.len() != 3 {
        return Err("usage: compress_srs IN OUT".into());
    }
    let srs = plonk::Srs::from_arkworks_bytes(&std::fs::read(&args[1])?)?;
    std::fs::write(&args[2], srs.to_compressed()?)?;
    Ok(())
}
