using System;

namespace AhnSharp.Kernels;

/// <summary>Copies bytes of a weight tensor, from <paramref name="byteOffset"/> of its data on, as stored: rows of blocks. Called by several threads at once.</summary>
public delegate void WeightReader(long byteOffset, Span<byte> destination);
