// The tables that the other specs walk hold every page and every order that the source has, and each order is carried
// out by some spec.
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { acts } from './acts';
import { pages, strangers } from './pages';

const app = '../app/src';

test('every_page_stands_in_the_table', () => {
  const source = readFileSync(`${app}/shell.rs`, 'utf8');
  const routes = [...source.matchAll(/path=path!\("([^"]+)"\)/g)].map(([, route]) => route);
  expect(routes.length).toBeGreaterThan(20);
  expect(routes.toSorted()).toEqual([...pages.map(({ route }) => route), ...strangers].toSorted());
});

test('every_order_stands_in_the_table', () => {
  const sources = readdirSync(`${app}/action`).map((file) => readFileSync(`${app}/action/${file}`, 'utf8'));
  const endpoints = sources.flatMap((source) =>
    [...source.matchAll(/#\[server\([^\]]*endpoint = "([^"]+)"/g)].map(([, endpoint]) => endpoint),
  );
  // None is hidden from this search: each server function says its endpoint.
  expect(endpoints.length).toBe(sources.join('').match(/#\[server\(/g)!.length - sources.join('').match(/#\[server\(default\)/g)!.length);
  expect(endpoints.toSorted()).toEqual(Object.keys(acts).toSorted());
});

test('every_order_is_carried_out_by_some_spec', () => {
  // A spec that names an order, as the helpers want it named, is taken at its word; but not the tables, nor who forges
  // orders, nor a picture, which checks nothing.
  const others = /^(acts|tables\.spec|roles\.spec|.*screenshots\.spec)\.ts$/;
  const files = readdirSync('.').filter((file) => file.endsWith('.ts') && !others.test(file));
  const sources = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  const named = (verb: string) => sources.includes(`'${verb}'`) || sources.includes(`'/act/${verb}'`);
  expect(Object.keys(acts).filter((verb) => !named(verb))).toEqual([]);
});
