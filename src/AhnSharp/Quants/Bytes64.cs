using System.Runtime.CompilerServices;

namespace AhnSharp.Quants;

/// <summary>64 bytes that lie inside a block.</summary>
[InlineArray(64)]
internal struct Bytes64
{
    private byte _first;
}
