//! Lines at the end of a file that outlives whoever writes it: opened by its path each time, so that it may be rotated.

use std::path::Path;

use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

/// Returns when the lines are on the disk. What a crash left half written ends where they begin.
pub async fn append(file: &Path, lines: &[u8]) -> std::io::Result<()> {
    let mut file = tokio::fs::OpenOptions::new().read(true).append(true).create(true).open(file).await?;
    let is_torn = file.seek(std::io::SeekFrom::End(0)).await? > 0 && {
        file.seek(std::io::SeekFrom::End(-1)).await?;
        file.read_u8().await? != b'\n'
    };
    if is_torn {
        file.write_all(b"\n").await?;
    }
    file.write_all(lines).await?;
    file.flush().await?;
    file.sync_data().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_torn_line_spoils_no_other() {
        let file = std::env::temp_dir().join(format!("stoa-appending-{}", std::process::id()));
        for part in ["one\n", "tw", "three\n"] {
            append(&file, part.as_bytes()).await.expect("appended");
        }
        let moved = file.with_extension("1");
        std::fs::rename(&file, &moved).expect("rotated");
        append(&file, b"four\n").await.expect("appended");
        let kept = [&moved, &file].map(|file| std::fs::read_to_string(file).expect("a file"));
        for file in [moved, file] {
            std::fs::remove_file(file).expect("removed");
        }
        assert_eq!(kept, ["one\ntw\nthree\n", "four\n"]);
    }
}
