using System;
using System.Collections.Generic;

namespace AhnSharp.Generation;

/// <summary>Several answers to one prompt, which is read once; made by a <see cref="TextEngine"/>.</summary>
/// <remarks>
/// Each may be enumerated by itself, at the same time as the others. The tokens of the prompt are counted with the answer that read it,
/// and as reused with the others. The state behind the prompt is freed when the set is disposed.
/// </remarks>
public sealed class CompletionSet : IDisposable
{
    private readonly SharedPrompt _prompt;

    internal CompletionSet(SharedPrompt prompt, IReadOnlyList<Completion> answers) => (_prompt, Answers) = (prompt, answers);

    /// <summary>The answers, each of them not started yet.</summary>
    public IReadOnlyList<Completion> Answers { get; }

    /// <inheritdoc/>
    public void Dispose() => _prompt.Dispose();
}
