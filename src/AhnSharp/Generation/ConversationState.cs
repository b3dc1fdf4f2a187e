namespace AhnSharp.Generation;

/// <summary>Where a conversation stands, apart from what the session holds.</summary>
/// <param name="Answers">Turns that were ended with a question, each followed by an answer.</param>
/// <param name="HasText">Whether the user's turn is open: it has some text, and the frame before it was handed out.</param>
/// <param name="Unsettled">Text of the open turn that was not handed out, because what follows may change its words.</param>
internal sealed record ConversationState(int Answers, bool HasText, string Unsettled)
{
    public static ConversationState Empty { get; } = new(0, false, "");
}
