// QuickStart MODEL TEXT-FILE QUESTION: reads a text and answers a question about it, a piece at a time.
using System;
using System.IO;
using AhnSharp;

if (args is not [string modelPath, string textPath, string question])
{
    Console.Error.WriteLine("usage: QuickStart MODEL.gguf TEXT-FILE QUESTION");
    return 2;
}

using TextModel model = TextModel.Load(modelPath);
using TextSession session = model.CreateSession();
await session.ReadAsync(File.ReadAllText(textPath));
await foreach (string piece in session.AskAsync(question, new GenerationOptions { MaxTokens = 64 })) Console.Write(piece);
Console.WriteLine();
return 0;
