using System;

namespace AhnSharp.Checks;

/// <summary>One thing that is checked, under a name that says what; it throws <see cref="CheckFailedException"/> with a sentence.</summary>
/// <param name="Name">What is checked.</param>
/// <param name="SkipReason">Why it cannot run here; null where it can.</param>
/// <param name="Run">The check.</param>
public sealed record Check(string Name, string? SkipReason, Action Run);
