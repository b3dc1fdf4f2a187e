using System.Runtime.CompilerServices;

namespace AhnSharp.Quants;

/// <summary>12 bytes that lie inside a block.</summary>
[InlineArray(12)]
internal struct Bytes12
{
    private byte _first;
}
