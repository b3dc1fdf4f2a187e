using System;

namespace AhnSharp.Archive;

/// <summary>The file that holds the first blocks of an archive, so that a save appends what is new.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Id">What the file says of itself.</param>
/// <param name="First">The first block that it has; those before were dropped.</param>
/// <param name="Blocks">The end of those that it held then.</param>
/// <param name="Hash">CRC32C over the checksums of these.</param>
internal sealed record ArchiveOrigin(string Path, Guid Id, long First, long Blocks, uint Hash);
