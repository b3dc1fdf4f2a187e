using System.Runtime.CompilerServices;

namespace AhnSharp.Quants;

/// <summary>32 bytes that lie inside a block.</summary>
[InlineArray(32)]
internal struct Bytes32
{
    private byte _first;
}
