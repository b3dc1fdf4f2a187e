using System;

namespace AhnSharp.Constraints;

/// <summary>A constraint that cannot be made: its message is a sentence that says what was expected, what was found, and where.</summary>
public sealed class ConstraintException : FormatException
{
    /// <summary>Without a message of its own.</summary>
    public ConstraintException() : base("The constraint cannot be made.") { }

    /// <summary>With the sentence that says what was expected and found.</summary>
    public ConstraintException(string message) : base(message) { }

    /// <summary>With the sentence and what caused it.</summary>
    public ConstraintException(string message, Exception innerException) : base(message, innerException) { }
}
