using System;
using System.IO;
using AhnSharp.Gguf;

namespace AhnSharp.Documents;

/// <summary>A document that cannot be read; the message is one sentence that names it, what was expected and what was found.</summary>
public sealed class DocumentException : IOException
{
    /// <summary>A sentence without a file.</summary>
    public DocumentException(string message)
        : base(GgufText.Sentence(message))
    {
    }

    /// <summary>The document's name and what is wrong with it.</summary>
    public DocumentException(string name, string problem, Exception? cause = null)
        : base($"{name}: {GgufText.Sentence(problem)}", cause)
    {
    }
}
