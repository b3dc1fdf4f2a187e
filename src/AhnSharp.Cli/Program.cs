using AhnSharp.Cli;

return await AhnCommand.RunAsync(args);
