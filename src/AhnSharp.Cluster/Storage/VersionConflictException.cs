using System;

namespace AhnSharp.Cluster.Storage;

/// <summary>A write that was refused, because somebody else had written meanwhile: what it was based on is no longer so.</summary>
internal sealed class VersionConflictException(string name, long expected, long found) : Exception(
    $"{name}: expected to replace version {expected}, found version {found}, which another process has written meanwhile: nothing was "
        + "written; read it again.")
{
    /// <summary>The version that stands; that of a later one may stand by now.</summary>
    public long Found => found;
}
