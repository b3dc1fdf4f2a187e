using System;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Generation;

/// <summary>A snapshot file as the beginning of texts: its ids and its shape now, its session when it is wanted.</summary>
internal sealed class SnapshotPrefix
{
    private readonly int[] _tokens;
    private readonly SessionPlan _plan;

    private SnapshotPrefix(string path, int[] tokens, SessionPlan plan) => (Path, _tokens, _plan) = (path, tokens, plan);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The ids that its session has seen.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <exception cref="SnapshotException">The file is damaged, or of another model.</exception>
    public static SnapshotPrefix Open(string path, LanguageModel model)
    {
        using SnapshotFile file = SnapshotFile.Open(path);
        return new SnapshotPrefix(path, file.ReadTokens(), file.PlanFor(model));
    }

    /// <summary>Whether a session of this plan would keep the same.</summary>
    public bool IsOf(SessionPlan plan) => _plan.KeepsAs(plan);

    /// <summary>The session, as the file says it now.</summary>
    /// <exception cref="SnapshotException">The file is gone, damaged, or another text's by now.</exception>
    public LanguageSession Load(LanguageModel model)
    {
        LanguageSession session = model.LoadSession(Path);
        if (session.Tokens.SequenceEqual(_tokens)) return session;
        session.Dispose();
        throw new SnapshotException($"{Path}: expected the {_tokens.Length} tokens that it had, found others; "
            + "it was written anew, and takes part again when it is added again.");
    }
}
