// ChatClient MODEL QUESTION: answers through Microsoft.Extensions.AI, with a function of this program that the model must call.
using System;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

if (args is not [string modelPath, string question])
{
    Console.Error.WriteLine("usage: ChatClient MODEL.gguf QUESTION");
    return 2;
}

ServiceCollection services = new();
services.AddAhnSharp(options => options.ModelPath = modelPath);
await using ServiceProvider provider = services.BuildServiceProvider();
using IChatClient client = provider.GetRequiredService<IChatClient>().AsBuilder().UseFunctionInvocation().Build();

ChatOptions options = new()
{
    MaxOutputTokens = 200,
    Tools = [AIFunctionFactory.Create(Weather, "weather")],
    AllowMultipleToolCalls = false,
    ToolMode = ChatToolMode.RequireAny, // a model that was trained to call functions does so by itself: leave it out for one
};
await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(question, options)) Console.Write(update.Text);
Console.WriteLine();

// The same client, held to a schema: what comes is an object, or an exception where the answer was cut.
ChatResponse<Place> place = await client.GetResponseAsync<Place>(question, new ChatOptions { MaxOutputTokens = 200, Temperature = 0 });
Console.WriteLine($"{place.Result.City}, {place.Result.Country}");
return 0;

[Description("The weather of a city.")]
static string Weather([Description("Name of the city")] City city, [Range(1, 7)] int day)
{
    Console.WriteLine($"weather({city}, {day})");
    return $"In {city} it rains on day {day}.";
}

internal enum City
{
    Oslo,
    Rome,
}

internal enum Country
{
    Italy,
    Norway,
}

internal sealed record Place(City City, Country Country);
