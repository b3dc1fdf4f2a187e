// SemanticKernel MODEL QUESTION: a kernel of Semantic Kernel over a model of this machine, with a plugin whose function is called.
using System;
using System.ComponentModel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

if (args is not [string modelPath, string question])
{
    Console.Error.WriteLine("usage: SemanticKernel MODEL.gguf QUESTION");
    return 2;
}

IKernelBuilder builder = Kernel.CreateBuilder();
builder.Services.AddAhnSharp(options => options.ModelPath = modelPath);
builder.Services.AddSingleton(provider =>
    provider.GetRequiredService<IChatClient>().AsBuilder().UseKernelFunctionInvocation().Build(provider).AsChatCompletionService(provider));
Kernel kernel = builder.Build();
kernel.Plugins.AddFromFunctions("library", [KernelFunctionFactory.CreateFromMethod(Shelf, "shelf")]);
FunctionChoiceBehaviorOptions one = new() { AllowParallelCalls = false };
PromptExecutionSettings settings = new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Required(options: one) };
FunctionResult answer = await kernel.InvokePromptAsync(question, new KernelArguments(settings));
Console.WriteLine(answer);
await ((IAsyncDisposable)kernel.Services).DisposeAsync();
return 0;

[Description("Where the novels stand.")]
static string Shelf([Description("Whether the reader can climb stairs.")] bool upstairs)
{
    Console.WriteLine($"shelf({upstairs})");
    return upstairs ? "Third floor, to the left." : "Ground floor.";
}
