using AhnSharp.Documents;
using AhnSharp.Documents.Processes;
using AhnSharp.Fuzz;

if (args is [BadHost.Verb, string way, ..]) return BadHost.Run(way, args);
if (args is ["parent", string hosted, string marker])
{
    // Asks and waits, until somebody ends it: what it started must not stay.
    ReaderProcess.Read(BadHost.Command(hosted, marker), "a.pdf", [1], new DocumentLimits(), default);
    return 0;
}
return args is [FuzzCommand.Worker, ..] ? FuzzCommand.Work(args) : FuzzCommand.Run(args);
