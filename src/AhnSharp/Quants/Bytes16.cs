using System.Runtime.CompilerServices;

namespace AhnSharp.Quants;

/// <summary>16 bytes that lie inside a block.</summary>
[InlineArray(16)]
internal struct Bytes16
{
    private byte _first;
}
