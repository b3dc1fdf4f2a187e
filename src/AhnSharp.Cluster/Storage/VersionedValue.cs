using System;

namespace AhnSharp.Cluster.Storage;

/// <summary>A value as it stands under a name.</summary>
/// <param name="Version">Counts up from 1 with every write.</param>
/// <param name="Bytes">What was written; empty for what was deleted.</param>
/// <param name="IsDeleted">Whether the last write took it away.</param>
internal readonly record struct VersionedValue(long Version, ReadOnlyMemory<byte> Bytes, bool IsDeleted);
