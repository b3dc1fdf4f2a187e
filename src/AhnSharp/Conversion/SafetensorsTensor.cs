using System.Collections.Immutable;

namespace AhnSharp.Conversion;

/// <summary>One tensor of a safetensors file: its name, element type, shape and place.</summary>
/// <param name="Name">The parameter's name, as in <c>model.layers.0.mlp.up_proj.weight</c>.</param>
/// <param name="ElementType">The format's own word: <c>F32</c>, <c>F16</c>, <c>BF16</c>, <c>I32</c> …</param>
/// <param name="Shape">Slowest dimension first, as PyTorch prints it; empty for a scalar.</param>
/// <param name="ByteOffset">From the start of the file.</param>
/// <param name="ByteLength">Elements × bytes an element; proven when the file is opened.</param>
public sealed record SafetensorsTensor(string Name, string ElementType, ImmutableArray<long> Shape, long ByteOffset, long ByteLength)
{
    /// <summary>The product of the shape.</summary>
    public long ElementCount => ByteLength / SafetensorsFile.ElementBytes(ElementType);

    /// <summary>The shape as messages show it: <c>[2048, 11008]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}
