using System;
using System.IO;
using System.Threading;
using AhnSharp.Sessions;

namespace AhnSharp.Demo;

/// <summary>
/// The demo model: 15 million trained parameters with a DeltaNet memory, in Q8_0, 16 MB. For tests of programs that use AhnSharp, and for
/// trying its mechanism.
/// </summary>
/// <remarks>
/// It writes English, recalls a code of digits that it was told ("The code of Rome is 1893."), keeps to a grammar, calls tools where it
/// must, and knows nothing: what it says is no sign of what a real model says. The package copies it into the folder <c>gguf</c> beside
/// the application, of builds and published folders alike. Greedy answers are the same on every run; instruction sets may differ.
/// </remarks>
/// <example>
/// <code>
/// using TextModel model = DemoModel.Load();
/// using TextSession session = model.CreateSession();
/// await session.ReadAsync("The code of Rome is 1893.");
/// await foreach (string piece in session.AskAsync("What is the code of Rome?")) Console.Write(piece);
/// </code>
/// </example>
public static class DemoModel
{
    /// <summary>Where the file lies: beside the application.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "gguf", "ahn-demo-q8_0.gguf");

    /// <summary>Loads it, which takes some tenths of a second.</summary>
    /// <param name="options">How; null: as any other model.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    /// <exception cref="FileNotFoundException">The application was moved without the folder <c>gguf</c> beside it.</exception>
    public static TextModel Load(ModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(Path))
        {
            throw new FileNotFoundException(
                $"{Path}: expected the demo model, which the package AhnSharp.Demo copies beside the application, found no file of that "
                    + "name; copy the folder gguf along with the application.",
                Path);
        }
        return TextModel.Load(Path, options: options, cancellationToken: cancellationToken);
    }
}
