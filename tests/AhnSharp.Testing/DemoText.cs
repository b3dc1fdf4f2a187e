using System;
using System.IO;
using System.Linq;
using AhnSharp.Tokenizer;

namespace AhnSharp.Testing;

/// <summary>The demo model of the repository, loaded once for the tests of a class.</summary>
public sealed class DemoText : IDisposable
{
    public static string ModelPath { get; } = Path.Combine(Fixture.Repository, "gguf", "ahn-demo-q8_0.gguf");

    public TextModel Model { get; } = TextModel.Load(ModelPath);

    public QwenTokenizer Tokenizer => Model.Tokenizer;

    /// <summary>The system turn that the demo model's memory was trained with.</summary>
    public const string System = "You are a helpful assistant.";

    /// <summary>What the demo model was trained for: pages of a book with a code strewn in; the answer names it.</summary>
    public static string BookWithCode { get; } = WithCode(File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt")));

    public const string Question = "What is the code of Oliver?", Answer = "The code of Oliver is 4827.";

    /// <summary>English prose of about this many tokens, the same every time.</summary>
    public static string Prose(int sentences)
    {
        string[] who = ["The old captain", "Mina", "A stranger from the north", "Nobody in the village", "The doctor's daughter"];
        string[] did = ["walked slowly to", "had never seen", "wrote a long letter about", "was afraid of", "looked back at"];
        string[] what = ["the harbour", "the house on the hill", "those mountains", "the last train", "the garden, which was green"];
        Random random = new(7);
        return string.Join(
            " ", Enumerable.Range(0, sentences).Select(_ => $"{who[random.Next(5)]} {did[random.Next(5)]} {what[random.Next(5)]}."));
    }

    private static string WithCode(string book) => $"{book[300..1500]} The code of Oliver is 4827. {book[2700..4200]}";

    public void Dispose() => Model.Dispose();
}
