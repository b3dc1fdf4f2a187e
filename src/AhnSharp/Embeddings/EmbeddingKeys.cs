using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Tokenizer;

namespace AhnSharp.Embeddings;

/// <summary>What a file says of embeddings, in the keys that llama.cpp's converter writes.</summary>
internal static class EmbeddingKeys
{
    private const string AddEnd = "tokenizer.ggml.add_eos_token", End = "tokenizer.ggml.eos_token_id";

    // Qwen3-Embedding's tokenizer.json appends it by its post-processor, though its tokenizer_config.json names <|im_end|> as eos; files
    // converted before the converter learnt that have neither add_eos_token nor this id.
    private const string QwenEnd = "<|endoftext|>";

    /// <summary>The file's pooling; the last token where it says none, or is one that ranks.</summary>
    /// <exception cref="InvalidModelException">It pools as this engine cannot.</exception>
    public static Pooling PoolingOf(GgufMetadata file) => PoolingKey.Read(file) switch
    {
        null or PoolingType.None or PoolingType.Last or PoolingType.Rank => Pooling.Last,
        PoolingType.Mean => Pooling.Mean,
        PoolingType.Cls => throw new InvalidModelException(
            $"{KeyOf(file)}: expected 1 (mean) or 3 (last token), found 2 (the first token, cls): behind causal attention a first token "
            + "has seen nothing of the text. Say how to pool (Pooling) if the key is wrong."),
        { } other => throw new InvalidModelException($"{KeyOf(file)}: expected 0 to 4, found {(uint)other}."),
    };

    /// <summary>The token that ends every text; null: none.</summary>
    public static int? EndTokenOf(GgufMetadata file, QwenTokenizer tokenizer)
    {
        if (!file.Contains(AddEnd)) return PoolingKey.Read(file) == PoolingType.Last ? tokenizer.IdOf(QwenEnd) : null;
        if (!file.GetBool(AddEnd, false)) return null;
        uint? id = file.GetUInt32OrNull(End);
        if (id is { } end && end < tokenizer.VocabularySize) return (int)end;
        throw new InvalidModelException(
            $"{End}: expected a token, since {AddEnd} is true, found {(id is { } wrong ? wrong.ToString() : "none")}.");
    }

    private static string KeyOf(GgufMetadata file) => PoolingKey.Of(file.GetString("general.architecture"));
}
