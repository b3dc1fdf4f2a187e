using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>One tensor of a quantization.</summary>
/// <param name="Source">As it is in the input.</param>
/// <param name="Choice">As it will be.</param>
public sealed record PlannedTensor(GgufTensor Source, TypeChoice Choice)
{
    /// <summary>Its size in the output.</summary>
    public long Bytes => Choice.Type.RowBytes(Source.ElementCount);

    /// <summary>Whether its bytes stay as they are.</summary>
    public bool IsCopy => Choice.Type == Source.Type;
}
