using System;
using System.IO;
using AhnSharp.Cli;
using AhnSharp.Documents;

if (DocumentHost.IsAsked(args))
{
    // Standard output carries the answer, and nothing that a library may want to say.
    using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
    Console.SetOut(TextWriter.Null);
    return DocumentHost.Run(args, input, output);
}
return await AhnCommand.RunAsync(args);
