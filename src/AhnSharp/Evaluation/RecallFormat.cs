using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using AhnSharp.Tokenizer;

namespace AhnSharp.Evaluation;

/// <summary>The token pieces of a recall chat, in the words and turns that the demo's memory was trained on.</summary>
/// <remarks>
/// Opening, text with sentences strewn in (each between blank lines, at any token: words may be cut), then turns:
/// <code>
/// …text⏎⏎What is the code of Oliver?[end]⏎[start]assistant⏎
/// The code of Oliver is 4827.[end]⏎[start]user⏎What is the code of Rome?[end]⏎[start]assistant⏎ …
/// </code>
/// </remarks>
public sealed class RecallFormat
{
    private const string Start = "<|im_start|>", End = "<|im_end|>";
    private readonly QwenTokenizer _tokenizer;

    /// <summary>Prepares the pieces for one tokenizer.</summary>
    /// <exception cref="InvalidDataException">The tokenizer lacks the special tokens of the Qwen chat format.</exception>
    public RecallFormat(QwenTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        foreach (string special in (string[])[Start, End])
        {
            if (tokenizer.IdOf(special) is null)
            {
                throw new InvalidDataException(
                    $"Recall chats are Qwen chats: expected the special token {special} in the model's vocabulary, found none.");
            }
        }
        _tokenizer = tokenizer;
        EndId = tokenizer.IdOf(End)!.Value;
        Opening = [.. tokenizer.EncodeWithSpecials($"{Start}system\nYou are a helpful assistant.{End}\n{Start}user\n")];
    }

    /// <summary>The token that ends a turn.</summary>
    public int EndId { get; }

    /// <summary>The system turn and the start of the user's.</summary>
    public ImmutableArray<int> Opening { get; }

    /// <summary>A sentence as it stands in the text.</summary>
    public int[] Sentence(RecallFact fact) => _tokenizer.Encode($"\n\n{fact.Sentence}\n\n");

    /// <summary>The question behind the text, which ends the turn that the text stands in, up to where the answer starts.</summary>
    public int[] FirstQuestion(RecallFact fact) => _tokenizer.EncodeWithSpecials($"\n\n{fact.Question}{End}\n{Start}assistant\n");

    /// <summary>A further question, after the token that ended an answer, up to where the next answer starts.</summary>
    public int[] NextQuestion(RecallFact fact) => _tokenizer.EncodeWithSpecials($"\n{Start}user\n{fact.Question}{End}\n{Start}assistant\n");

    /// <summary>The right answer, without the token that ends it.</summary>
    public int[] Answer(RecallFact fact) => _tokenizer.Encode(fact.Sentence);

    /// <summary>Places of the digits in <see cref="Answer"/>.</summary>
    /// <exception cref="InvalidDataException">The tokenizer joins digits: hits cannot be counted a digit.</exception>
    public int[] DigitPlaces(int[] answer)
    {
        int[] places = [.. Enumerable.Range(0, answer.Length).Where(i => _tokenizer.BytesOf(answer[i]) is [>= (byte)'0' and <= (byte)'9'])];
        if (places.Length != RecallFact.Digits)
        {
            throw new InvalidDataException($"Recall counts digits: expected a token a digit, {RecallFact.Digits} in "
                + $"\"{_tokenizer.Decode(answer)}\", found {places.Length}.");
        }
        return places;
    }
}
