//! Embeddings: texts as vectors whose directions say how alike their meanings are. OpenAI's `POST embeddings`, which llama-server, vLLM, Ollama and others speak.

use serde_json::{Value, json};

use super::answer::error_in;
use super::{LanguageModel, ModelError};

/// Longest vector that is taken; today's models have 384 to 4,096 numbers.
const MAX_DIMENSIONS: usize = 16_384;

impl LanguageModel {
    /// A vector of length 1 for each text, all of one dimension, in the order of `texts`.
    ///
    /// # Errors
    /// As [`LanguageModel::complete`]; [`ModelError::NotJson`] for an answer that lacks a text, or has vectors of different lengths, of no length or with numbers that
    /// are none.
    pub async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let body = json!({"model": self.name(), "input": texts, "encoding_format": "float"});
        let mut response = self.transport.post("embeddings", &body).await?;
        let bytes = response.body().await?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| ModelError::NotJson)?;
        parse(&value, texts.len())
    }
}

fn parse(value: &Value, n_texts: usize) -> Result<Vec<Vec<f32>>, ModelError> {
    if let Some(error) = error_in(value) {
        return Err(error);
    }
    let data = value.get("data").and_then(Value::as_array);
    let data = data.ok_or(ModelError::NotJson)?;
    let mut vectors: Vec<Vec<f32>> = vec![Vec::new(); n_texts];
    for (position, entry) in data.iter().enumerate() {
        let index = entry.get("index").and_then(Value::as_u64);
        let index = index.map_or(position, |index| index as usize);
        let place = vectors.get_mut(index).ok_or(ModelError::NotJson)?;
        *place = entry
            .get("embedding")
            .and_then(unit_vector)
            .ok_or(ModelError::NotJson)?;
    }
    let n_dimensions = vectors.first().map_or(0, Vec::len);
    if vectors
        .iter()
        .any(|vector| vector.is_empty() || vector.len() != n_dimensions)
    {
        return Err(ModelError::NotJson);
    }
    Ok(vectors)
}

/// The numbers of a vector at length 1, so that a product of two is their cosine.
fn unit_vector(value: &Value) -> Option<Vec<f32>> {
    let numbers = value
        .as_array()
        .filter(|numbers| numbers.len() <= MAX_DIMENSIONS)?;
    let numbers: Vec<f32> = numbers
        .iter()
        .map(|number| number.as_f64().map(|number| number as f32))
        .collect::<Option<_>>()?;
    let length = numbers
        .iter()
        .map(|number| number * number)
        .sum::<f32>()
        .sqrt();
    (length.is_finite() && length > 0.0)
        .then(|| numbers.iter().map(|number| number / length).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_in_the_order_of_their_texts_at_length_one() {
        let answer = json!({"data": [{"index": 1, "embedding": [0.0, 2.0]}, {"index": 0, "embedding": [3.0, 4.0]}]});
        let vectors = parse(&answer, 2).unwrap();
        assert_eq!(vectors, [vec![0.6, 0.8], vec![0.0, 1.0]]);
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        for data in [
            json!([{"index": 0, "embedding": [1.0]}]),
            json!([{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}]),
            json!([{"index": 0, "embedding": [0.0]}, {"index": 1, "embedding": [1.0]}]),
            json!([{"index": 0, "embedding": ["x"]}, {"index": 1, "embedding": [1.0]}]),
            json!([{"index": 0, "embedding": [1.0]}, {"index": 7, "embedding": [1.0]}]),
            json!("none"),
        ] {
            assert!(parse(&json!({ "data": data }), 2).is_err(), "{data}");
        }
        assert!(parse(&json!({"error": {"code": 500}}), 1).is_err());
    }
}
