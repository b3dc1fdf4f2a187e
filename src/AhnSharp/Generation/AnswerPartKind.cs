namespace AhnSharp.Generation;

/// <summary>What a part of an answer is.</summary>
public enum AnswerPartKind
{
    /// <summary>Text for people.</summary>
    Text,

    /// <summary>Thoughts before the answer, which a model writes between &lt;think&gt; and &lt;/think&gt;.</summary>
    Thought,

    /// <summary>A call of a tool begins; the text is the tool's name.</summary>
    CallBegins,

    /// <summary>The next characters of the call's arguments, a JSON object.</summary>
    CallArguments,

    /// <summary>The call is whole, and its arguments are a JSON object.</summary>
    CallEnds,

    /// <summary>What began as a call is none: its arguments broke off or are not JSON. The text is all that was written of it.</summary>
    CallBreaks,
}
