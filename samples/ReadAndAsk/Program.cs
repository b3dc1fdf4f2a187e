// ReadAndAsk MODEL DOCUMENT SNAPSHOT QUESTION...: reads a document (text, Markdown, HTML, PDF, EPUB or a folder of code) once into a file,
// and answers from that file.
// The second run on the same snapshot reads nothing, and each question stands by itself: a fork costs a fraction of a millisecond.
using System;
using System.IO;
using AhnSharp;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;

if (args is not [string modelPath, string documentPath, string snapshotPath, .. string[] questions])
{
    Console.Error.WriteLine("usage: ReadAndAsk MODEL.gguf DOCUMENT SNAPSHOT.ahn QUESTION...");
    return 2;
}

using TextModel model = TextModel.Load(modelPath);
if (!File.Exists(snapshotPath))
{
    Document document = DocumentReader.Open(documentPath);
    foreach (string note in document.Notes) Console.Error.WriteLine($"left out: {note}");
    DocumentReadingOptions options = new() { Output = snapshotPath };
    using DocumentReading reading = DocumentReading.Begin(model, new DocumentPrompt([document]), options);
    await reading.RunAsync();
    long bytes = new FileInfo(snapshotPath).Length;
    Console.WriteLine($"read {document.Name}: {document.Characters:N0} characters, {reading.TokensTotal:N0} tokens; kept {bytes:N0} bytes");
}

using TextSession read = model.LoadSession(snapshotPath);
foreach (string question in questions)
{
    using TextSession session = read.Fork();
    string answer = await session.AnswerAsync(question, new GenerationOptions { MaxTokens = 64 });
    Console.WriteLine($"> {question}\n{answer}");
    GenerationStatistics took = session.Statistics!;
    Console.WriteLine($"({took.PromptTokens} tokens read for it, the first came after {took.TimeToFirstToken.TotalSeconds:f2} s)");
}
return 0;
