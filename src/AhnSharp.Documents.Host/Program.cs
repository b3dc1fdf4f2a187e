using System;
using System.IO;
using AhnSharp.Documents.Host;

using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
// Standard output carries the answer, and nothing that a library may want to say.
Console.SetOut(TextWriter.Null);
return Library.Run(null, args, input, output);
