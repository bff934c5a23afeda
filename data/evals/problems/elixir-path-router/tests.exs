defmodule RouterTest do
  use ExUnit.Case, async: true

  @routes [
    {"/", "home"},
    {"/users/new", "new"},
    {"/users/:id", "show"},
    {"/users/:id/edit", "edit"},
    {"/files/*path", "files"},
    {"/from/:town/to/:town", "circle"}
  ]

  test "fixed parts" do
    assert Router.match(@routes, "/") == {:ok, "home", %{}}
    assert Router.match(@routes, "") == {:ok, "home", %{}}
    assert Router.match(@routes, "//users/new/") == {:ok, "new", %{}}
  end

  test "the first match counts" do
    assert Router.match([{"/:a", "one"}, {"/x", "two"}], "/x") == {:ok, "one", %{"a" => "x"}}
  end

  test "named parts" do
    assert Router.match(@routes, "/users/7") == {:ok, "show", %{"id" => "7"}}
    assert Router.match(@routes, "/users/7/edit") == {:ok, "edit", %{"id" => "7"}}
  end

  test "the rest" do
    assert Router.match(@routes, "/files/a/b.txt") == {:ok, "files", %{"path" => ["a", "b.txt"]}}
    assert Router.match(@routes, "/files") == {:ok, "files", %{"path" => []}}
  end

  test "a name that occurs twice" do
    assert Router.match(@routes, "/from/Rome/to/Rome") == {:ok, "circle", %{"town" => "Rome"}}
    assert Router.match(@routes, "/from/Rome/to/Oslo") == :error
  end

  test "no match" do
    assert Router.match(@routes, "/users") == :error
    assert Router.match(@routes, "/users/7/edit/now") == :error
    assert Router.match([], "/") == :error
  end
end
