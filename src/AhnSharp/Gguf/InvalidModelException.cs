using System;

namespace AhnSharp.Gguf;

/// <summary>A model file, adapter or folder that cannot be used; the message is one sentence for the person who named it.</summary>
/// <remarks>
/// It names the tensor or key, what was expected, what was found, and what to do where that is known. Names of a file may stand in it as
/// they are: a message is no longer than a sentence, and shows what a terminal would obey by its number.
/// </remarks>
public class InvalidModelException : Exception
{
    /// <summary>Creates the exception with its sentence.</summary>
    public InvalidModelException(string message) : base(GgufText.Sentence(message))
    {
    }

    /// <summary>Creates the exception with its sentence and what led to it.</summary>
    public InvalidModelException(string message, Exception inner) : base(GgufText.Sentence(message), inner)
    {
    }
}
