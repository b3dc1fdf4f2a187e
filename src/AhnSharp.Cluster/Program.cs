using System.IO;
using AhnSharp.Cli;
using AhnSharp.Cli.Display;
using AhnSharp.Cluster.Hosting;
using AhnSharp.Documents;

if (DocumentHost.IsAsked(args))
{
    (Stream input, Stream output) = StandardStreams.OpenForReader();
    return DocumentHost.Run(args, input, output);
}
return await AhnCommand.RunAsync(args, ClusterCommand.Create);
