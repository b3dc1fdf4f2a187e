using System;
using System.Text;
using AhnSharp.Sessions;

namespace AhnSharp.Generation;

/// <summary>A question with its answer, and the text as it stood before them: from there a template that rewrites answers is
/// followed.</summary>
/// <remarks>
/// What a document or earlier turns left in the session is never read again: the fork before the question has it. What is read anew is
/// the question and its answer, a few hundred tokens. The fork shares what both have in common (<see cref="TextSession.Fork"/>).
/// </remarks>
internal sealed class AskedTurn(Generator before, Conversation conversation, string question) : IDisposable
{
    private readonly StringBuilder _answer = new();

    public void Said(string piece) => _answer.Append(piece);

    /// <summary>Decides what goes on: the session in which the answer was given, or the one before the question with both as the template
    /// writes them.</summary>
    /// <returns>null where nothing changes, and the fork is freed; otherwise the session and conversation to go on with.</returns>
    public (Generator Generator, Conversation Conversation)? Settle()
    {
        if (conversation.Rewrite(question, _answer.ToString()) is { } written)
        {
            if (written.IsAsSaid)
            {
                before.Dispose();
                return null;
            }
            try
            {
                before.Accept(written.Ids, written.Commit);
            }
            catch (ContextOverflowException)
            {
                // The turn does not fit as it is written now: it is left out, so that the next question can be asked.
            }
        }
        return (before, conversation);
    }

    public void Dispose() => before.Dispose();
}
