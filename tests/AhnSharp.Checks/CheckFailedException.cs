using System;

namespace AhnSharp.Checks;

/// <summary>A check did not hold; the message says expected and found.</summary>
public sealed class CheckFailedException(string message) : Exception(message);
