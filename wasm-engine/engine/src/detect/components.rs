//! Connected components of a binary map, by runs.

/// A horizontal run of set pixels: `x0..x1` in row `y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) y: u32,
    pub(super) x0: u32,
    pub(super) x1: u32,
}

/// The 8-connected components of the pixels where `is_set`, each as its runs from top to bottom.
///
/// Two passes over runs with union-find (He, Chao and Suzuki, "A Run-Based Two-Scan Labeling Algorithm", 2008).
pub(super) fn components(
    width: usize,
    height: usize,
    is_set: impl Fn(usize) -> bool,
) -> Vec<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut previous_row = 0..0;
    for y in 0..height {
        let row_start = runs.len();
        let mut above = previous_row.start;
        let mut x = 0;
        while x < width {
            if !is_set(y * width + x) {
                x += 1;
                continue;
            }
            let x0 = x;
            while x < width && is_set(y * width + x) {
                x += 1;
            }
            let run_idx = runs.len();
            runs.push(Run {
                y: y as u32,
                x0: x0 as u32,
                x1: x as u32,
            });
            parents.push(run_idx);
            // Runs above that end before this one begins touch no later run either.
            while above < previous_row.end && (runs[above].x1 as usize) < x0 {
                above += 1;
            }
            let mut touching = above;
            while touching < previous_row.end && runs[touching].x0 as usize <= x {
                unite(&mut parents, touching, run_idx);
                touching += 1;
            }
        }
        previous_row = row_start..runs.len();
    }
    let mut component_of_root = vec![usize::MAX; runs.len()];
    let mut components: Vec<Vec<Run>> = Vec::new();
    for (run_idx, &run) in runs.iter().enumerate() {
        let root = root(&mut parents, run_idx);
        if component_of_root[root] == usize::MAX {
            component_of_root[root] = components.len();
            components.push(Vec::new());
        }
        components[component_of_root[root]].push(run);
    }
    components
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

fn unite(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    parents[a.max(b)] = a.min(b);
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn of(rows: &[&str]) -> Vec<usize> {
        let width = rows[0].len();
        let pixels: Vec<bool> = rows
            .iter()
            .flat_map(|r| r.bytes().map(|b| b == b'#'))
            .collect();
        let mut sizes: Vec<usize> = components(width, rows.len(), |at| pixels[at])
            .iter()
            .map(|runs| runs.iter().map(|r| (r.x1 - r.x0) as usize).sum())
            .collect();
        sizes.sort_unstable();
        sizes
    }

    #[test]
    fn separate_shapes_stay_separate_and_diagonals_join() {
        assert_eq!(of(&["##..#", ".....", "#...#"]), [1, 1, 1, 2]);
        assert_eq!(of(&["#...", ".#..", "..#."]), [3]);
        assert_eq!(of(&["....", "...."]), [0; 0]);
    }

    #[test]
    fn a_shape_that_meets_itself_below_is_one() {
        assert_eq!(of(&["#.#.#", "#.#.#", "#####"]), [11]);
        assert_eq!(of(&["##.##", "#.#.#", "##.##"]), [11]);
    }
}
