namespace AhnSharp.Cli;

/// <summary>A GPU as <c>ahn devices</c> shows it.</summary>
/// <param name="Id">What --device calls it.</param>
/// <param name="Name">What its driver calls it.</param>
/// <param name="MemoryBytes">All its memory.</param>
/// <param name="FreeBytes">What of it is free; null where the driver does not say.</param>
/// <param name="Units">Multiprocessors or compute units.</param>
/// <param name="Driver">The driver's version, as far as it says.</param>
internal sealed record GpuFacts(string Id, string Name, long MemoryBytes, long? FreeBytes, int Units, string Driver);
